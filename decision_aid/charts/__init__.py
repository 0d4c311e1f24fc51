"""Pictures: Plotly figures and icon arrays, each with the same numbers as its sentence."""
