"""Never answers."""
import sys

sys.stdin.read()
