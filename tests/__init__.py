"""The tests: a package of ours, since a peer that some of them use installs one of the same name."""
