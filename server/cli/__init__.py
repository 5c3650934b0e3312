"""The command line: one file a command. What it prints on standard output can be read by programs; talk goes to
standard error."""
