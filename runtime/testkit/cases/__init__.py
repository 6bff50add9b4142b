"""`nuclide test`: cases beside the processes, run by the real engine in memory, with mocks and a virtual clock."""
