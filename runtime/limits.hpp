// The limits of an event and of its answer, each written here and nowhere else. They are AWS's own (6 MiB both ways) or
// chosen so that one hostile event cannot take a function down.
#ifndef LANECRYPT_RUNTIME_LIMITS_HPP
#define LANECRYPT_RUNTIME_LIMITS_HPP

#include <cstddef>
#include <string_view>

namespace lanecrypt::runtime {

inline constexpr std::size_t max_event_bytes = std::size_t{6} << 20;
inline constexpr std::string_view event_too_large = "the event is larger than 6 MiB";
static_assert(max_event_bytes == std::size_t{6} << 20, "the sentence above names the limit");
inline constexpr std::size_t max_answer_bytes = std::size_t{6} << 20;

// What the HTTP side stores of a body. A little over the limit of an event, so that an event just over it reaches the
// handler whole and is refused by the same code and words as anywhere else.
inline constexpr std::size_t max_body_bytes = max_event_bytes + (std::size_t{64} << 10);

inline constexpr std::size_t max_items = 10'000;
inline constexpr std::size_t max_json_depth = 16;

// Fields of one object. The parser's objects are hash tables whose keys an event can choose to collide: with a hundred
// thousand of them one object costs seconds in which neither a deadline nor SIGTERM is looked at. No object that this
// handler reads has more than eight fields; the rest is room for ids.
inline constexpr std::size_t max_object_fields = 1'000;

// The sample that count/mode comes from.
inline constexpr std::size_t max_sample_count = 1'000;

// What a load balancer takes of a target's answer, and Step Functions of a task's. The latter counts more than the
// answer: some 2 KiB of what the service puts around it.
inline constexpr std::size_t max_balancer_answer_bytes = 1'000'000;
inline constexpr std::size_t max_state_answer_bytes = (std::size_t{256} << 10) - (std::size_t{2} << 10);

// One item's answer without its id: braces, names, two hashes or a code and a sentence. The longest is a match whose
// upgrade failed: 28 for the names around match, 45 for those of the error, 17 for a code, and a sentence.
inline constexpr std::size_t max_item_answer_bytes = 256;

// The same where errors are codes without a sentence, which is how an answer is written that would else be too long.
// With names, braces, commas: a hash takes 78, an error 46, a match with its new hash 95.
inline constexpr std::size_t brief_hash_bytes = 80;
inline constexpr std::size_t brief_verify_bytes = 48;
inline constexpr std::size_t brief_upgrade_bytes = 96;

// Quotation marks of such an item: an answer inside a JSON string has a backslash before each.
inline constexpr std::size_t item_quotes = 12;

// All that an answer holds beside its items: some twenty names and numbers, and HTTP's frame.
inline constexpr std::size_t max_answer_frame_bytes = 1024;

// The smallest Lambda has 128 MB. A full event with 10,000 items takes some 30 MB of arena; one that is built to be
// dear (six million bytes of "0,0,0,…") is answered with an error and not with the kernel's OOM killer.
inline constexpr std::size_t max_arena_bytes = std::size_t{96} << 20;

}  // namespace lanecrypt::runtime

#endif
