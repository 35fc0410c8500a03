"""What every resolver uses: context, access, ids, scalars, enums, connections."""
