package main

type dataCommand struct {
	Check dataCheckCommand `cmd:"" help:"Read all photos and masks, count what they have, and say what is wrong with them."`
}

func (*dataCommand) example() string { return (*dataCheckCommand)(nil).example() }
