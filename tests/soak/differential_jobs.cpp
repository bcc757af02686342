// Random jobs with libcrypt's answers. See the header.
#include "differential_jobs.hpp"

#include <atomic>
#include <thread>

#include "random_jobs.hpp"

namespace lanecrypt::soak {
namespace {

using test::Random;
using test::RandomJob;

// A password with NULs that has the key of one without, which is all that libcrypt can be asked about: bcrypt repeats a
// password with one NUL between, so p, p NUL p, p NUL p NUL p and so on are one key, and so are the first 72 bytes of
// that, cut anywhere behind them.
std::string with_nuls(Random& random, const std::string& password) {
  const std::size_t copies = 1 + random.below(72 / (password.size() + 1) + 1);
  std::string text = password;
  for (std::size_t i = 0; i < copies; ++i) text.append(1, '\0').append(password);
  if (text.size() > 72 && random.below(2) == 0) text.resize(72 + random.below(text.size() - 72 + 1));
  return text;
}

struct Drawn {
  JudgedJob job;
  std::string asked;  // the password for libcrypt
};

Drawn draw(Random& random) {
  RandomJob job = test::random_job(random, 4, 6);
  std::string asked = job.password;
  if (random.below(8) == 0) {
    asked.resize(std::min<std::size_t>(asked.size(), random.below(36)));
    job.password = with_nuls(random, asked);
  }
  return {{job.password, job.setting, ""}, asked};
}

}  // namespace

std::vector<JudgedJob> judged_jobs(std::uint64_t seed, std::uint64_t chunk, std::size_t count, unsigned threads) {
  // Seeds that are neighbours would share chunks if this were a sum.
  Random random(seed ^ (chunk + 1) * 0x9e3779b97f4a7c15U);
  std::vector<Drawn> drawn;
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(draw(random));
  std::atomic<std::size_t> next = 0;
  const auto judge = [&] {
    for (std::size_t i = next++; i < drawn.size(); i = next++) {
      drawn[i].job.hash = test::libcrypt_hash(drawn[i].asked, drawn[i].job.setting);
    }
  };
  std::vector<std::thread> judges;
  for (unsigned t = 1; t < threads; ++t) judges.emplace_back(judge);
  judge();
  for (std::thread& each : judges) each.join();
  std::vector<JudgedJob> jobs;
  for (Drawn& each : drawn) jobs.push_back(std::move(each.job));
  return jobs;
}

}  // namespace lanecrypt::soak
