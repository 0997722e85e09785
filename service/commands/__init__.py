"""The command line beyond serving and evaluating."""
