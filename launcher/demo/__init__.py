"""A sample studio on this machine, to see the main job work without Kitsu. Nothing of it is used elsewhere."""
