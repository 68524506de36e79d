//! Requests that are under way at the same time, kept in step.

/// Lets the requests that could run now come as far as this one, by going to the end of the queue of tasks. Nothing is waited
/// for but those; where there are none, it costs a look for what has arrived.
///
/// What comes next is then done for all of them in a row. Who is written to on another processor is woken once and not once
/// for each, which is dear on a virtual machine, and the code of each step stays in the caches.
pub async fn let_others_catch_up() {
    tokio::task::yield_now().await;
}
