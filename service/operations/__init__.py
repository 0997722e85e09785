"""What an operator needs: one log line a request, metrics, health, and a doctor that says what is wrong."""
