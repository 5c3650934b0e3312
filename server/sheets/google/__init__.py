"""Google Sheets: one tab of one spreadsheet as a Sheet. What can be relied on there is in docs/google-sheets.md."""
