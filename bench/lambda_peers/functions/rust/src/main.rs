//! The sample as a Rust function: lambda_runtime, the bcrypt crate, and Rayon; as `cargo lambda new` begins one.
use lambda_runtime::{run, service_fn, tracing, Error, LambdaEvent};
use rayon::prelude::*;
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use std::time::Instant;

const COST: u32 = 10;

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    count: usize,
    #[serde(default)]
    mode: String,
}

#[derive(Serialize)]
struct Answer {
    processed: usize,
    duration_ms: u128,
    threads_used: usize,
}

fn workers() -> usize {
    let asked = std::env::var("WORKER_COUNT").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |cores| cores.get()))
}

/// Made by the first request that needs it.
static POOL: LazyLock<ThreadPool> =
    LazyLock::new(|| rayon::ThreadPoolBuilder::new().num_threads(workers()).build().expect("a thread pool"));

fn hash(number: usize) -> Result<String, bcrypt::BcryptError> {
    bcrypt::hash(format!("password_{number:06}"), COST)
}

async fn handler(event: LambdaEvent<Request>) -> Result<Answer, Error> {
    let Request { count, mode } = event.payload;
    let start = Instant::now();
    let parallel = mode == "parallel" && count > 0;
    let hashes: Vec<String> = if parallel {
        POOL.install(|| (0..count).into_par_iter().map(hash).collect::<Result<_, _>>())?
    } else {
        (0..count).map(hash).collect::<Result<_, _>>()?
    };
    let threads_used = if parallel { POOL.current_num_threads().min(count) } else { count.min(1) };
    Ok(Answer { processed: hashes.len(), duration_ms: start.elapsed().as_millis(), threads_used })
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(handler)).await
}
