"""The parts that every resolver uses: context, access, global ids, scalars, errors and costs."""
