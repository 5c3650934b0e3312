"""Workbooks in OneDrive and SharePoint over Microsoft Graph (facts/excel.md holds the rules by number)."""
