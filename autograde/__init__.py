"""The autograder: hidden checks on the trusted side, student code in a sandbox."""
