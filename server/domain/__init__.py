"""WORDS: frozen dataclasses, enums and pure decisions. Standard library only; nothing here reads or writes anything."""
