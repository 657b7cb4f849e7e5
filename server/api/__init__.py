"""The interface under ``/v1`` (server/API.md)."""
