"""The web application: answers, headers, limits, logs."""
