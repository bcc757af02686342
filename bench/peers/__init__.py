"""lanecrypt beside every other bcrypt, measured in one run: `./dev bench peers` and `./dev bench check`."""
