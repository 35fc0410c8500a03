"""What every room of api/ may import: values and functions that several rooms share."""
