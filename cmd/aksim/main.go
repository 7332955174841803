package main

import "github.com/aksim/aksim/internal/cli"

func main() { cli.Exit(cli.Main(cli.Process(), cli.Args())) }
