"""The survey of officers: counts behind rounded percentages."""
