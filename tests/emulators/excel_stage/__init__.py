"""A stage for the Excel add-in, without Microsoft: see stage.py."""
