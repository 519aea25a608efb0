"""Line mode (`--plain`): commands read and results printed line by line."""
