package microbench

import "time"

// quickest calls f for about the given time, at least once, and returns what a
// call takes in seconds: the least mean of several rounds. A call that takes
// longer than the budget is made twice.
func quickest(budget time.Duration, f func()) float64 {
	const rounds = 8
	calls, spent := 1, time.Duration(0)
	round := timed(calls, f)
	for round < budget/rounds && spent < budget {
		spent += round
		calls *= 2
		round = timed(calls, f)
	}
	least := round
	for ; spent < budget; spent += round {
		round = timed(calls, f)
		least = min(least, round)
	}
	// A clock may stand still for a microsecond.
	return max(least.Seconds(), 1e-9) / float64(calls)
}

func timed(calls int, f func()) time.Duration {
	start := time.Now()
	for range calls {
		f()
	}
	return time.Since(start)
}
