"""The face: routes, pages and the private door. It translates requests and decides nothing."""
