"""What happens around training that no module or datamodule should know about."""
