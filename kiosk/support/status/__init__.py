"""What happened: with code and PIN a person sees at any screen what each partner does, and takes it back."""
