// What Go's x/crypto/bcrypt says of hashes, for peers_agree.py: lines of a password in hex and a hash, and to each
// "same", "other" or an error. The package has no way to hash with a salt of one's own; comparing computes the hash.
package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

func answer(line string) string {
	password, hash, _ := strings.Cut(line, " ")
	bytes, err := hex.DecodeString(password)
	if err != nil {
		panic(err)
	}
	switch err := bcrypt.CompareHashAndPassword([]byte(hash), bytes); {
	case err == nil:
		return "same"
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return "other"
	default:
		return "refused: " + err.Error()
	}
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		fmt.Fprintln(out, answer(in.Text()))
	}
}
