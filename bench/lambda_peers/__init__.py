"""lanecrypt's Lambda functions beside what people run today, behind one emulator: `./dev bench lambda`."""
