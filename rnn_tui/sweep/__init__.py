"""Many runs: a grid of settings, each with several seeds, trained on all cores or a cluster."""
