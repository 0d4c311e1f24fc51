"""The words of the field: options, procedures, conditions, outcomes, audiences, times, and how foreign text is made safe."""
