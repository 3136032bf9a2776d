"""Breaking each guard that keeps jobs from being lost or doubled, to see a test notice it."""
