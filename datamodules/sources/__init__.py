"""Where rows come from: files, folders and named samples."""
