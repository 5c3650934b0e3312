"""The parts of a workbook file, byte by byte. Knows nothing of tables, campaigns or where the file lies."""
