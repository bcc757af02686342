module peersagree

go 1.18

require golang.org/x/crypto v0.23.0
