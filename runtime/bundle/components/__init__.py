"""Components exported from the platform: XML of somebody else's making becomes the same model as native bundles."""
