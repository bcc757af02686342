// A worker for Go's x/crypto/bcrypt; the protocol is in bench/README.md.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// hashAll hashes the passwords in so many goroutines, which take the next one when they are free.
func hashAll(passwords [][]byte, cost, goroutines int) [][]byte {
	hashes := make([][]byte, len(passwords))
	next := make(chan int, len(passwords))
	for i := range passwords {
		next <- i
	}
	close(next)
	var done sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for i := range next {
				hash, err := bcrypt.GenerateFromPassword(passwords[i], cost)
				if err != nil {
					panic(err)
				}
				hashes[i] = hash
			}
		}()
	}
	done.Wait()
	return hashes
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for {
		var count, cost, threads, times int
		if _, err := fmt.Fscan(in, &count, &cost, &threads, &times); err != nil {
			return
		}
		passwords := make([][]byte, count)
		for i := range passwords {
			passwords[i] = []byte(fmt.Sprintf("password_%06d", i))
		}
		runtime.GOMAXPROCS(threads)
		var hashes [][]byte
		start := time.Now()
		for t := 0; t < times; t++ {
			hashes = hashAll(passwords, cost, threads)
		}
		fmt.Fprintln(out, time.Since(start).Nanoseconds())
		for _, hash := range hashes {
			fmt.Fprintln(out, string(hash))
		}
		out.Flush()
	}
}
