"""Analyses of a trained model, in numpy only, none of which changes the model."""
