"""From exports of the platform to a bundle: collected, written as they are, and told what of them runs."""
