<?php
// A worker for PHP's password_hash, which runs on one thread; the protocol is in bench/README.md.
while (($line = fgets(STDIN)) !== false) {
    [$count, $cost, , $times] = array_map('intval', preg_split('/\s+/', trim($line)));
    $passwords = array_map(fn (int $i): string => sprintf('password_%06d', $i), $count > 0 ? range(0, $count - 1) : []);
    $start = hrtime(true);
    for ($t = 0; $t < $times; $t++) {
        $hashes = array_map(fn (string $each): string => password_hash($each, PASSWORD_BCRYPT, ['cost' => $cost]), $passwords);
    }
    $elapsed = hrtime(true) - $start;
    fwrite(STDOUT, implode("\n", [$elapsed, ...$hashes, '']));
    fflush(STDOUT);
}
