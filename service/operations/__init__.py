"""What an operator needs: logs, metrics, health, and a doctor that says what is wrong."""
