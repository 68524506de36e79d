mod certificate;
mod fixture;
