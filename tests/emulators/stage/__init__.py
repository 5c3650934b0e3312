"""A stage for the Google Sheets add-on, without Google: see stage.py."""
