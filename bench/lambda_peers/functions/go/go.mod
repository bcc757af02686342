module lambdapeer

go 1.18

require (
	github.com/aws/aws-lambda-go v1.54.0
	golang.org/x/crypto v0.23.0
)
