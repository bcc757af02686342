//! A worker for the Rust peers; the protocol is in bench/README.md. Its argument says what hashes.
use rayon::prelude::*;
use std::io::{self, BufRead, Write};
use std::time::Instant;

struct Request {
    count: usize,
    cost: u32,
    threads: usize,
    times: usize,
}

fn parse(line: &str) -> Request {
    let numbers: Vec<usize> = line.split_whitespace().map(|word| word.parse().expect("four numbers")).collect();
    Request { count: numbers[0], cost: numbers[1] as u32, threads: numbers[2], times: numbers[3] }
}

fn password(number: usize) -> String {
    format!("password_{number:06}")
}

fn salt(number: usize) -> [u8; 16] {
    std::array::from_fn(|i| (number * 167 + i * 29) as u8)
}

/// Runs the work so many times, and answers the nanoseconds of all and the hashes of the last.
fn timed(times: usize, mut work: impl FnMut() -> Vec<String>) -> (u128, Vec<String>) {
    let mut hashes = Vec::new();
    let start = Instant::now();
    for _ in 0..times {
        hashes = work();
    }
    (start.elapsed().as_nanos(), hashes)
}

/// The SIMD entry point, which gives raw bytes: they are encoded after the clock has stopped.
fn bcrypt_many(request: &Request, passwords: &[&[u8]]) -> (u128, Vec<String>) {
    let salts: Vec<[u8; 16]> = (0..request.count).map(salt).collect();
    let mut raw = Vec::new();
    let start = Instant::now();
    for _ in 0..request.times {
        raw = bcrypt_rust::bcrypt_many(request.cost, passwords, &salts).expect("bcrypt_many");
    }
    let elapsed = start.elapsed().as_nanos();
    let texts = raw.iter().zip(&salts);
    (elapsed, texts.map(|(bytes, salt)| text(request.cost, salt, &bytes[..23])).collect())
}

fn text(cost: u32, salt: &[u8], digest: &[u8]) -> String {
    format!("$2b${cost:02}${}{}", radix64(salt), radix64(digest))
}

fn radix64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let bit = |i: usize| bytes.get(i / 8).map_or(0, |byte| byte >> (7 - i % 8) & 1);
    let digit = |start: usize| (start..start + 6).fold(0, |value, i| value << 1 | bit(i));
    (0..bytes.len() * 8).step_by(6).map(|start| DIGITS[digit(start) as usize] as char).collect()
}

/// As the sample does it: a pool of WORKER_COUNT threads, which hash one password each; 0 threads: its sequential mode.
fn sample(request: &Request, passwords: &[String]) -> (u128, Vec<String>) {
    let cost = request.cost;
    let hash = |password: &String| bcrypt::hash(password, cost).expect("bcrypt::hash");
    if request.threads == 0 {
        return timed(request.times, || passwords.iter().map(hash).collect());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(request.threads).build().expect("a pool");
    timed(request.times, || pool.install(|| passwords.par_iter().map(hash).collect()))
}

fn answer(subject: &str, request: &Request) -> (u128, Vec<String>) {
    let passwords: Vec<String> = (0..request.count).map(password).collect();
    let bytes: Vec<&[u8]> = passwords.iter().map(|password| password.as_bytes()).collect();
    match subject {
        "bcrypt_many" => bcrypt_many(request, &bytes),
        "hash_many" => timed(request.times, || bcrypt_rust::hash_many(&bytes, request.cost).expect("hash_many")),
        "sample" => sample(request, &passwords),
        _ => panic!("no subject {subject}"),
    }
}

fn main() {
    let subject = std::env::args().nth(1).expect("usage: peer-worker bcrypt_many|hash_many|sample");
    for line in io::stdin().lock().lines() {
        let (elapsed, hashes) = answer(&subject, &parse(&line.expect("a line")));
        println!("{elapsed}");
        hashes.iter().for_each(|hash| println!("{hash}"));
        io::stdout().flush().expect("stdout");
    }
}
