// Package microbench measures what this processor reaches with the kernels of
// this program: the peak rates of its matrix products, how fast memory is read,
// and the rate of every kernel at every level.
//
// All times are the least of several rounds. A shared machine makes rounds
// slower, never faster, so the least is what repeats best.
package microbench
