"""Everything that imports streamlit, besides ERT.py and pages/."""
