"""What is wrong with the machine: named rules, each with a cure. Nothing is changed."""
