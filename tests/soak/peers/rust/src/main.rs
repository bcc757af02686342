//! What bcrypt-rust computes, for peers_agree.py: lines of a password in hex and a hash or setting, and to each the 31
//! characters of its digest. One hash at a time, or, with the argument "many", by its SIMD batches, cost by cost.
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::str::FromStr;

struct Job {
    password: Vec<u8>,
    cost: u32,
    salt: [u8; 16],
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex")).collect()
}

fn parse(line: &str) -> Job {
    let (password, setting) = line.split_once(' ').expect("a password and a setting");
    let whole = format!("{}{}", &setting[..29], ".".repeat(31)); // any digest: the parser wants one
    let parts = bcrypt_rust::HashParts::from_str(&whole).expect("a setting");
    Job { password: bytes(password), cost: parts.get_cost(), salt: parts.get_salt_raw() }
}

fn digest(parts: &bcrypt_rust::HashParts) -> String {
    parts.format_for_version(bcrypt_rust::Version::TwoB)[29..].to_string()
}

fn one_by_one(jobs: &[Job]) -> Vec<String> {
    let hash = |job: &Job| bcrypt_rust::hash_with_salt(&job.password, job.cost, job.salt).expect("hash_with_salt");
    jobs.iter().map(|job| digest(&hash(job))).collect()
}

fn many(jobs: &[Job]) -> Vec<String> {
    let mut of_cost: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (i, job) in jobs.iter().enumerate() {
        of_cost.entry(job.cost).or_default().push(i);
    }
    let mut digests = vec![String::new(); jobs.len()];
    for (cost, which) in of_cost {
        let passwords: Vec<&[u8]> = which.iter().map(|&i| jobs[i].password.as_slice()).collect();
        let salts: Vec<[u8; 16]> = which.iter().map(|&i| jobs[i].salt).collect();
        let parts = bcrypt_rust::hash_many_with_salts(&passwords, &salts, cost).expect("hash_many_with_salts");
        which.iter().zip(&parts).for_each(|(&i, parts)| digests[i] = digest(parts));
    }
    digests
}

fn main() {
    let jobs: Vec<Job> = io::stdin().lock().lines().map(|line| parse(&line.expect("a line"))).collect();
    let batches = std::env::args().nth(1).is_some_and(|argument| argument == "many");
    let digests = if batches { many(&jobs) } else { one_by_one(&jobs) };
    let mut out = io::BufWriter::new(io::stdout().lock());
    digests.iter().for_each(|digest| writeln!(out, "{digest}").expect("stdout"));
}
