/**
 * Where Cellback runs: its public HTTPS address, without a slash at the end.
 *
 * `python -m server addon FOLDER` writes this line; there is nothing else to set.
 */
const BACKEND = 'https://cellback.example.org';
