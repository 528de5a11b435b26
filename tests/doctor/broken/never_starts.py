"""Never starts."""
raise SystemExit("no module named mcp")
