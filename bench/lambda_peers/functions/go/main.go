// The sample as a Go function: aws-lambda-go and x/crypto/bcrypt.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"golang.org/x/crypto/bcrypt"
)

const cost = 10

type request struct {
	Count int    `json:"count"`
	Mode  string `json:"mode"`
}

type answer struct {
	Processed   int   `json:"processed"`
	DurationMs  int64 `json:"duration_ms"`
	ThreadsUsed int   `json:"threads_used"`
}

func workers() int {
	if asked, err := strconv.Atoi(os.Getenv("WORKER_COUNT")); err == nil && asked > 0 {
		return asked
	}
	return runtime.NumCPU()
}

// hashAll hashes in so many goroutines, which take the next number when they are free.
func hashAll(count, goroutines int) error {
	numbers := make(chan int, count)
	for i := 0; i < count; i++ {
		numbers <- i
	}
	close(numbers)
	errs := make([]error, goroutines)
	var done sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		done.Add(1)
		go func(g int) {
			defer done.Done()
			for i := range numbers {
				if _, err := bcrypt.GenerateFromPassword([]byte(fmt.Sprintf("password_%06d", i)), cost); err != nil {
					errs[g] = err
					return
				}
			}
		}(g)
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func handle(asked request) (answer, error) {
	start := time.Now()
	goroutines := 1
	if asked.Mode == "parallel" {
		goroutines = workers()
	}
	if goroutines > asked.Count {
		goroutines = asked.Count
	}
	if err := hashAll(asked.Count, goroutines); err != nil {
		return answer{}, err
	}
	return answer{asked.Count, time.Since(start).Milliseconds(), goroutines}, nil
}

func main() {
	lambda.Start(handle)
}
